import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects_notices', '0003_channels'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('leave', '外出'), ('handover', '交接')], default='leave', max_length=10, verbose_name='类别')),
                ('starts', models.DateField(verbose_name='开始日期')),
                ('ends', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='说明')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='登记时间')),
                ('taken_back_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='撤销时间')),
            ],
            options={
                'verbose_name': '外出与交接',
                'verbose_name_plural': '外出与交接',
                'ordering': ['-starts', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='LinkUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(max_length=20, verbose_name='事项')),
                ('said', models.CharField(max_length=200, verbose_name='结果')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='办理时间')),
            ],
            options={
                'verbose_name': '邮件链接办理',
                'verbose_name_plural': '邮件链接办理',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest_at', models.TimeField(default=datetime.time(8, 0), verbose_name='每日汇总时间')),
                ('quiet_from', models.TimeField(default=datetime.time(21, 0), verbose_name='免打扰开始')),
                ('quiet_until', models.TimeField(default=datetime.time(7, 30), verbose_name='免打扰结束')),
                ('inbox_only', models.JSONField(blank=True, default=list, verbose_name='只在系统内提醒')),
            ],
            options={
                'verbose_name': '通知设置',
                'verbose_name_plural': '通知设置',
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='at_night',
            field=models.BooleanField(default=False, editable=False, verbose_name='夜间照发'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='morning',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='每日汇总'),
        ),
        migrations.AddField(
            model_name='notice',
            name='acted_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代办人'),
        ),
        migrations.AddField(
            model_name='notice',
            name='done_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='办结时间'),
        ),
        migrations.AddField(
            model_name='notice',
            name='inbox_only',
            field=models.BooleanField(default=False, editable=False, verbose_name='只在系统内'),
        ),
        migrations.AddField(
            model_name='notice',
            name='reminder',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='repeats', to='projects_notices.delivery', verbose_name='重提'),
        ),
        migrations.AddField(
            model_name='notice',
            name='replies',
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name='notice',
            name='todo',
            field=models.BooleanField(default=False, verbose_name='须办理'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('done_at', None), ('todo', True)), fields=['user'], name='projects_notices_todo'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('morning__isnull', False), models.Q(('state', 'superseded'), _negated=True)), fields=('user', 'morning', 'channel'), name='projects_notices_one_digest', violation_error_message='这个人当天的每日汇总已经生成'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('done_at', None), ('read_at__isnull', False), _connector='OR'), name='projects_notices_notice_done', violation_error_message='办结的通知须是已读的'),
        ),
        migrations.AddField(
            model_name='absence',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='absence',
            name='substitute',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代办人'),
        ),
        migrations.AddField(
            model_name='absence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='本人'),
        ),
        migrations.AddField(
            model_name='linkuse',
            name='notice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='projects_notices.notice', verbose_name='通知'),
        ),
        migrations.AddField(
            model_name='linkuse',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人'),
        ),
        migrations.AddField(
            model_name='preference',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(fields=['ends', 'starts'], name='projects_notices_absences'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('user', models.F('substitute')), _negated=True), name='projects_notices_absence_two', violation_error_message='代办人不能是本人'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('ends', None), ('ends__gte', models.F('starts')), _connector='OR'), name='projects_notices_absence_days', violation_error_message='结束日期不能早于开始日期'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'leave'), _negated=True), ('ends__isnull', False), _connector='OR'), name='projects_notices_absence_leave', violation_error_message='外出须有结束日期；长期请选“交接”'),
        ),
        migrations.AddConstraint(
            model_name='linkuse',
            constraint=models.UniqueConstraint(fields=('user', 'notice', 'act'), name='projects_notices_link_once', violation_error_message='这个链接已经用过'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.CheckConstraint(condition=models.Q(('digest_at__gte', datetime.time(7, 30)), ('digest_at__lte', datetime.time(10, 0))), name='projects_notices_digest_hour', violation_error_message='每日汇总时间应在 7:30 至 10:00 之间'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.CheckConstraint(condition=models.Q(('quiet_from__gte', datetime.time(18, 0)), ('quiet_until__gte', datetime.time(5, 0)), ('quiet_until__lte', models.F('digest_at'))), name='projects_notices_quiet_hours', violation_error_message='免打扰应从 18:00 以后开始，至次日 5:00 以后、每日汇总时间以前结束'),
        ),
    ]
