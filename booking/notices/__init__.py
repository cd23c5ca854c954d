"""Which letter goes to whom when something happened, and its words.

The words stand in ``templates/mail/<language>/<kind>.txt``: the first line is
the subject. A group that asked in English reads English first and the German
letter below. ⟦name⟧, ⟦link⟧ and ⟦confirm⟧ are filled in when a letter is sent.
Lists of dates come from the stored dates, never from a rule.
"""

from booking.letters.html import LINE
from booking.notices.by_team import (
    Proposal,
    cancelled_by_team,
    change_declined,
    dates_decided,
    moved,
    question_asked,
    render_cancelled,
    render_change_declined,
    render_decision,
    render_moved,
    render_question,
)
from booking.notices.frame import Text, for_the_team, title_of, to_group, to_office
from booking.notices.of_group import (
    accepted,
    cancelled_by_group,
    details_changed,
    proposal_expired,
    received,
    reminder,
    requested,
    restored,
    series_ends,
    withdrawn,
)
from booking.notices.to_office import Counts, answered, change_requested, extended, proposal_refused
from booking.notices.to_persons import handed_over, handover_give, handover_take, link_for_second, new_link

__all__ = [
    "LINE",
    "Counts",
    "Proposal",
    "Text",
    "accepted",
    "answered",
    "cancelled_by_group",
    "cancelled_by_team",
    "change_declined",
    "change_requested",
    "dates_decided",
    "details_changed",
    "extended",
    "for_the_team",
    "handed_over",
    "handover_give",
    "handover_take",
    "link_for_second",
    "moved",
    "new_link",
    "proposal_expired",
    "proposal_refused",
    "question_asked",
    "received",
    "reminder",
    "render_cancelled",
    "render_change_declined",
    "render_decision",
    "render_moved",
    "render_question",
    "requested",
    "restored",
    "series_ends",
    "title_of",
    "to_group",
    "to_office",
    "withdrawn",
]
