"""What one fills in to adapt a rule for one person: its numbers, or letting it go; why; until when."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.widgets import DatePartsField
from clinic.wording import say
from pathways.rules.gates import Criterion
from pathways.rules.gates.params import Param, ParamType
from pathways.rules.programs import Every, FollowUpRule, Ladder, Offsets
from pathways.web.move_forms import NOTE

GO_ON, LET_GO = "differently", "let_go"
NUMBERS = (ParamType.WHOLE, ParamType.NUMBER, ParamType.LIMIT)
PARAM = "param-"
Change = dict[str, object]


class AdaptationForm(Form):
    """What every adaptation asks for: which way, why, and its last day."""

    way = forms.ChoiceField(label=_("For this person"), widget=forms.RadioSelect, initial=GO_ON)
    reason = forms.CharField(label=_("Why"), max_length=NOTE, widget=forms.Textarea({"rows": 3}))
    ends_on = DatePartsField(label=_("Last day on which it holds"))

    def _ways(self, go_on: Any, let_go: Any) -> None:
        self.fields["way"].choices = [(GO_ON, go_on), (LET_GO, let_go)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("way") == GO_ON and not self.errors and not self.change:
            raise ValidationError(words(sentence("adaptation.refused.nothing")))
        return given

    @property
    def change(self) -> Change:
        """What is put in the place of the rule's own."""
        return {}


class CriterionForm(AdaptationForm):
    """The numbers of a requirement, or the requirement as advice only."""

    def __init__(self, *args: Any, criterion: Criterion, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ways(_("Asked with other numbers"), _("Shown as advice: it holds nobody back"))
        self.current = {each.name: getattr(criterion.kind, each.name) for each in _numbers(criterion)}
        for param in _numbers(criterion):
            self.fields[f"{PARAM}{param.name}"] = forms.IntegerField(
                label=say(param.label, language),
                required=False,
                initial=self.current[param.name],
                min_value=param.least if param.type is not ParamType.LIMIT else None,
                max_value=param.most or None,
            )
        self.order_fields(["way", *(f"{PARAM}{name}" for name in self.current), "reason", "ends_on"])

    @property
    def change(self) -> Change:
        if self.cleaned_data["way"] == LET_GO:
            return {"requirement": "advisory"}
        given = {name: self.cleaned_data.get(f"{PARAM}{name}") for name in self.current}
        return {name: value for name, value in given.items() if value is not None and value != self.current[name]}


class FollowUpForm(AdaptationForm):
    """When a contact comes, by which ladder; or not at all."""

    every_days = forms.IntegerField(label=_("Every so many days"), required=False, min_value=1, max_value=365)
    offsets = forms.CharField(
        label=_("On these days after its start"), required=False, max_length=200, help_text=_("Such as 2, 7, 14, 30")
    )
    at = forms.TimeField(label=_("Time of day"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    window_days = forms.IntegerField(label=_("Days in which it is in time"), required=False, min_value=0, max_value=365)
    ladder = forms.ChoiceField(label=_("If there is no answer"), required=False)

    def __init__(self, *args: Any, rule: FollowUpRule, ladders: Iterable[Ladder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        self._ways(_("Another time or another way"), _("Left out: they are not contacted this way"))
        self.fields["ladder"].choices = [(each.key, each.title) for each in ladders]  # type: ignore[attr-defined]
        self._start("ladder", rule.ladder)
        self._start("window_days", rule.window_days)
        self._start("at", rule.at)
        self._schedule(rule)
        own = [name for name in ("every_days", "offsets", "at", "window_days", "ladder") if name in self.fields]
        self.order_fields(["way", *own, "reason", "ends_on"])

    def _start(self, name: str, value: object) -> None:
        self.fields[name].initial = value

    def _schedule(self, rule: FollowUpRule) -> None:
        """Only the sort of schedule the rule has; check-ups that adapt by themselves keep theirs."""
        if isinstance(rule.schedule, Every):
            self._start("every_days", rule.schedule.every_days)
        else:
            del self.fields["every_days"]
        if isinstance(rule.schedule, Offsets):
            self._start("offsets", ", ".join(str(each) for each in rule.schedule.days))
        else:
            del self.fields["offsets"]

    def clean_offsets(self) -> list[int]:
        """Days after the anchor, rising."""
        typed = str(self.cleaned_data["offsets"]).replace(" ", "").strip(",")
        if not typed:
            return []
        try:
            return sorted({int(each) for each in typed.split(",")})
        except ValueError:
            raise ValidationError(words(sentence("adaptation.refused.offsets"))) from None

    @property
    def change(self) -> Change:
        given, rule = self.cleaned_data, self.rule
        if given["way"] == LET_GO:
            return {"skip": True}
        change: Change = {}
        schedule = rule.schedule
        if isinstance(schedule, Every) and given.get("every_days") not in (None, schedule.every_days):
            change["every"] = {"days": given["every_days"], "first_day": min(schedule.first_day, given["every_days"])}
            if schedule.for_days is not None:
                change["every"] |= {"for_days": schedule.for_days}  # type: ignore[operator]
        if isinstance(schedule, Offsets) and given.get("offsets") not in (None, [], list(schedule.days)):
            change["offsets"] = given["offsets"]
        if given.get("at") not in (None, rule.at):
            change["at"] = f"{given['at']:%H:%M}"
        if given.get("window_days") not in (None, rule.window_days):
            change["window_days"] = given["window_days"]
        if given.get("ladder") not in ("", None, rule.ladder):
            change["ladder"] = given["ladder"]
        return change


class EndForm(Form):
    """Why an adaptation ends before its day."""

    reason = forms.CharField(label=_("Why it ends"), max_length=300)


def _numbers(criterion: Criterion) -> list[Param]:
    """The parameters of a requirement that are a number now."""
    found = [each for each in criterion.kind.params() if each.type in NUMBERS]
    return [each for each in found if isinstance(getattr(criterion.kind, each.name), int)]
