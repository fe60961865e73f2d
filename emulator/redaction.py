"""URLs as a log line or an error message may show them: queries (``?code=``) and passwords are secrets."""


def redacted(url: str) -> str:
    """A URL, or the template of one, without user name, password, query and fragment."""
    scheme, separator, rest = url.partition("?")[0].partition("#")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def redacted_text(text: str) -> str:
    """What was given in place of a URL. It cannot be parsed, so whatever may be a secret in it goes."""
    return text.partition("?")[0].rpartition("@")[2]
