import sys

# jsonschema, which nbformat imports, takes this package if it is there, to check addresses in other alphabets. Reading
# its grammar takes three seconds of processor time in every process, and no notebook has such addresses. None is
# Python's mark for a module that cannot be imported; jsonschema then leaves that check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
