"""Two indexes that every row of a scan paid for and no statement read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_plans_and_returns")]

    operations = [
        migrations.RemoveIndex(model_name="standing", name="projects_standing_look_on"),
        # The unique constraint of project and month has an index that begins with the project.
        migrations.AlterField(
            model_name="standingmonth",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="months",
                to="projects.project",
                verbose_name="项目",
            ),
        ),
    ]
