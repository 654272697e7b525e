import sys

# jsonschema, which every import of nbformat brings along, takes this package if it is there, to check addresses with
# letters of other alphabets. Reading its grammar takes three seconds of processor time, in every process, and a notebook
# has no such addresses. None is Python's mark for a module that cannot be imported; jsonschema then leaves that check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
