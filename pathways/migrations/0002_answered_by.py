"""Which assessment answered a questionnaire, so that it is owed again when that assessment is withdrawn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0001_course_of_care")]
    operations = [
        migrations.AddField(
            "followup",
            "answered_by",
            models.UUIDField(blank=True, help_text="The assessment that answered a questionnaire.", null=True),
        ),
        migrations.AddConstraint(
            "followup",
            models.CheckConstraint(
                condition=models.Q(("answered_by__isnull", True), ("outcome", "kept"), _connector="OR"),
                name="follow_up_answered_is_kept",
            ),
        ),
    ]
