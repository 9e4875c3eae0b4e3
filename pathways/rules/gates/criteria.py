"""A gate and its criteria, as a program document writes them.

A criterion is written flat: `key`, `kind`, the parameters of its kind, and how binding it is:

    requirement: required | overridable | advisory     (left out: as the group it stands in, else required)
    overridable_by: [roles]        who may set it aside
    needs_reason: true             the default for an overridable one
    cosigned_by: [roles]           whose second signature it takes (left out: as the group it stands in, else none)
    source: where its numbers come from, or "local default"

What a choice (`any_of`, `at_least`) offers cannot be set aside piece by piece: only the choice as a whole can. A
criterion that is required, or holds one that is, can never be set aside.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence
from pathways.rules.documents import Fields
from pathways.rules.gates.groups import MOST_MEMBERS, AllOf, AnyOf, AtLeast, Group
from pathways.rules.gates.registry import KINDS, Kind, Look
from pathways.rules.gates.verdicts import Requirement

DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing a gate asks. `path` is where it stands in its document."""

    key: str
    kind: Kind
    requirement: Requirement = Requirement.REQUIRED
    overridable_by: tuple[Role, ...] = ()
    needs_reason: bool = True
    cosigned_by: tuple[Role, ...] = ()
    source: str = ""
    children: tuple["Criterion", ...] = ()
    path: str = ""
    asks: Sentence = field(init=False, repr=False, compare=False)
    may_be_set_aside: bool = field(init=False, repr=False, compare=False)
    """Whether anybody may set it aside at all: neither it nor anything in it is required."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "asks", self.kind.asks())
        open_to_some = bool(self.overridable_by) and self.requirement is not Requirement.REQUIRED
        inside = [each for child in self.children for each in child.walk()]
        free = open_to_some and all(each.requirement is not Requirement.REQUIRED for each in inside)
        object.__setattr__(self, "may_be_set_aside", free)

    @property
    def binding(self) -> bool:
        """Whether it can hold a patient back."""
        return self.requirement is not Requirement.ADVISORY

    @property
    def counting(self) -> tuple["Criterion", ...]:
        """The members that count in a group: the binding ones, or all where none is."""
        return tuple(child for child in self.children if child.binding) or self.children

    def walk(self) -> Iterator["Criterion"]:
        """Itself and all that stands in it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be so before a patient moves on: all of its criteria."""

    key: str
    title: str
    criteria: tuple[Criterion, ...]

    def walk(self) -> Iterator[Criterion]:
        """Every criterion at every depth."""
        for criterion in self.criteria:
            yield from criterion.walk()

    def binding(self) -> "Gate":
        """The gate without its advice: what alone decides whether it is open."""
        return replace(self, criteria=tuple(each for each in self.criteria if each.binding))

    def needs(self) -> frozenset[Look]:
        """Everything its criteria look at."""
        return frozenset().union(*(each.kind.needs() for each in self.walk()))

    def criterion(self, key: str) -> Criterion:
        """The criterion of that key. Raises KeyError where the gate has none."""
        for each in self.walk():
            if each.key == key:
                return each
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a criterion takes over from the group it stands in."""

    requirement: Requirement = Requirement.REQUIRED
    overridable_by: tuple[Role, ...] = ()
    cosigned_by: tuple[Role, ...] = ()
    in_choice: bool = False
    depth: int = 1


def read_gate(fields: Fields, key: str) -> Gate:
    """A gate from a document; what is wrong is noted with its path."""
    title = fields.text("title")
    criteria = tuple(_read(each, _Around()) for each in fields.children("criteria"))
    fields.close()
    return Gate(key, title, criteria)


def _read(fields: Fields, around: _Around) -> Criterion:
    key = fields.slug("key")
    kind_class = _read_kind(fields)
    kind = kind_class.read(fields) if kind_class else AllOf()
    requirement = _read_requirement(fields, around)
    roles = fields.choices("overridable_by", Role) or around.overridable_by
    if requirement is Requirement.OVERRIDABLE and not roles and not around.in_choice:
        fields.refuse("overridable_by", "program.problem.nobody_overrides")
    source = fields.text("source", default="")
    if kind_class and not isinstance(kind, Group) and not source:
        fields.refuse("source", "program.problem.missing", key="source")
    signers = fields.choices("cosigned_by", Role) or around.cosigned_by
    in_choice = around.in_choice or isinstance(kind, AnyOf | AtLeast)
    inside = _Around(requirement, roles, signers, in_choice, around.depth + 1)
    criterion = Criterion(
        key=key,
        kind=kind,
        requirement=requirement,
        overridable_by=roles if requirement is Requirement.OVERRIDABLE and not around.in_choice else (),
        needs_reason=fields.flag("needs_reason", default=True),
        cosigned_by=signers,
        source=source,
        children=_read_children(fields, kind, inside) if kind_class and isinstance(kind, Group) else (),
        path=fields.path,
    )
    if kind_class:
        fields.close()
    return criterion


def _read_kind(fields: Fields) -> type[Kind] | None:
    name = fields.text("kind", longest=80)
    if name and name not in KINDS:
        fields.refuse("kind", "program.problem.not_one_of", found=name, allowed=sorted(KINDS))
    return KINDS.get(name)


def _read_requirement(fields: Fields, around: _Around) -> Requirement:
    requirement = fields.choice("requirement", Requirement, default=around.requirement)
    if around.in_choice and requirement is not around.requirement:
        fields.refuse("requirement", "program.problem.choice_as_whole")
    return requirement


def _read_children(fields: Fields, kind: Kind, inside: _Around) -> tuple[Criterion, ...]:
    if inside.depth > DEEPEST:
        fields.refuse("criteria", "program.problem.too_deep", most=DEEPEST - 1)
        return ()
    children = tuple(_read(each, inside) for each in fields.children("criteria"))
    binding = sum(child.requirement is not Requirement.ADVISORY for child in children)
    if inside.requirement is Requirement.ADVISORY:
        binding = len(children)
    if isinstance(kind, AtLeast) and kind.n > binding:
        fields.refuse("n", "program.problem.more_than_offered", found=kind.n, of=binding)
    elif len(children) > MOST_MEMBERS:
        fields.refuse("criteria", "program.problem.too_many", most=MOST_MEMBERS)
    elif children and not binding:
        fields.refuse("criteria", "program.problem.nothing_binding")
    return children
