"""What may stand between a label and its value, or inside a value. Nothing here gives back."""

# A tag of HTML or XML, in a text of lower or of any case.
TAG = r"<[a-zA-Z/!][^<>]{0,80}+>"
# Signs that tie a value to its label, in any order: "code</td><td>", "code\": \"", "status: (".
TIES = rf"(?:{TAG}|[\s\"':=>#(\[*`]){{1,12}}+(?:(?:is|was)\s{{1,3}}+[\"'(]?+)?+"
# A line end with quote marks behind it or the sign of a soft break before it.
LINE_END = r"[ \t]{0,20}+[=\\]?+\r?+\n(?:[ \t]{0,4}+[>|]){0,5}+[ \t]{0,20}+"
# What may stand inside a wrapped value.
JOINT = rf"(?:{LINE_END}|{TAG}|[ \t]{{1,3}}+){{0,3}}+"
