"""The verbs of the command line, one file a verb or group. They return values and words; `hubeval.cli` prints."""

from __future__ import annotations

from hubeval.verbs.assess import ASSESS
from hubeval.verbs.check import CHECK
from hubeval.verbs.compare import COMPARE
from hubeval.verbs.demo import DEMO
from hubeval.verbs.evaluate import EVALUATE
from hubeval.verbs.exposure import EXPOSURE
from hubeval.verbs.federate import PACKET, POOL
from hubeval.verbs.form import FORM
from hubeval.verbs.methods import METHODS
from hubeval.verbs.new import NEW
from hubeval.verbs.outcomes import OUTCOMES
from hubeval.verbs.plan import PLAN
from hubeval.verbs.power import POWER
from hubeval.verbs.pseudonymise import PSEUDONYMISE
from hubeval.verbs.register import REGISTER
from hubeval.verbs.release import RELEASE
from hubeval.verbs.rollout import ROLLOUT
from hubeval.verbs.schema import SCHEMA
from hubeval.verbs.tidy import IMPORT
from hubeval.verbs.value import VALUE
from hubeval.verbs.verb import Reply, Verb

__all__ = ["VERBS", "Reply", "Verb"]

# in the order of `hubeval --help`
VERBS = (
    DEMO, NEW, SCHEMA, OUTCOMES, IMPORT, ASSESS, FORM, PSEUDONYMISE, CHECK, POWER, ROLLOUT, REGISTER, EVALUATE, COMPARE,
    METHODS, EXPOSURE, PACKET, POOL, RELEASE, VALUE, PLAN,
)
