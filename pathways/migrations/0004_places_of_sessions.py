"""Which move ended a place in a session, and the account of a session as it stood before each correction."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0003_pathway_engine")]
    operations = [
        migrations.AddField(
            "attendance",
            "cancelled_by_transition",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="pathways.transition",
            ),
        ),
        migrations.AddField(
            "session",
            "amendments",
            models.JSONField(blank=True, default=list, help_text="The account as it stood before each correction."),
        ),
        migrations.AddConstraint(
            "attendance",
            models.CheckConstraint(
                condition=models.Q(
                    ("cancelled_by_transition__isnull", True), ("status", "cancelled_by_clinic"), _connector="OR"
                ),
                name="attendance_cancelled_with_a_move",
            ),
        ),
    ]
