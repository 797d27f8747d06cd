"""Texts that show whoever touches them: trimmed, folded, escaped, written anew or cut, they do not come back as sent.

Names, inputs, results and failures are opaque to an engine. One that stores them in a column of some width, reads and
writes the JSON, or copies a failure field by field keeps a short plain text whole, and nobody notices.
"""

from __future__ import annotations

from dwconf.wire.values import TaskFailureDetails

AWKWARD = ' {"text" : "grüße, 世界 🚀", "markup":"<b>&amp;</b> \\u0041 \\/", "n": [1, 2.50, 1E3, null] ,"n":2}\r\n\t'
"""A JSON text with blanks around it, several ways to write a character, a key twice, and numbers written oddly."""
LONG = f'"{"0123456789abcdef" * 4400}"'
"""A text that is too long for a length of 16 bits."""
NAME = "Contoso.Orders/Place Order №1 "
"""A name with a namespace, capitals, and a blank at its end."""
FAILURE = TaskFailureDetails(
    error_type="Contoso.Errors.Outer`1[Inner]",
    error_message=f"it broke: ü <{'m' * 1000}>\r\n",
    stack_trace="".join(f"  at line {number}\r\n" for number in range(400)),
    is_non_retriable=True,
    inner_failure=TaskFailureDetails(
        error_type="InnerError",
        error_message="the cause",
        stack_trace="at line 2",
        inner_failure=TaskFailureDetails(
            error_type="InmostError", error_message="the cause of the cause", stack_trace="", is_non_retriable=True
        ),
    ),
)
"""A failure with a long message and stack trace, a cause, and a cause of that."""
