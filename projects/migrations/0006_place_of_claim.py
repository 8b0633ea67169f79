"""The cell of a sheet that states a claim."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_withdrawn")]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="place",
            field=models.CharField(blank=True, default="", max_length=60, verbose_name="单元格"),
            preserve_default=False,
        ),
    ]
