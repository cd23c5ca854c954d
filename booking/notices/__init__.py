"""Which letter goes to whom when something happened, and its words.

The words stand in ``templates/mail/<language>/<kind>.txt``: the first line is
the subject. A group that asked in English reads English first and the German
letter below. ⟦name⟧, ⟦link⟧ and ⟦confirm⟧ are filled in when a letter is sent.
Lists of dates come from the stored dates, never from a rule.
"""
