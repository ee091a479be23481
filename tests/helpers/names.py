"""Names that people give to folders, each of which means something to a shell, to Hydra or to YAML."""

import subprocess

NAMES = [
    "josé & co's", "a b", " lead", "trail ", "it's", 'say "hi"', "'quoted'", '"quoted"', "`x`",
    "C:\\dir\\", "a\\'b", "a,b", "a, b", "[b]", "[x", "x]", "{a:1}", "{x", "x=y", "key=value=",
    "x#y", "#1", "~", "~x", "50%", "a&b", "a;b", "a|b", "a<b>", "a*b", "what?", "hey!", "!!",
    "^up", "@home", "a:b", "$HOME", "${HOME}", "${oc.env:HOME}", "\\${x}", "$(x)", "(copy)",
    "clips (1)", "choice(a,b)", "range(1,3)", "a+b", "2024", "1e5", "0x1F", "true", "No", "null",
    "nan", "-inf", "-dash", "--flag", "é", "数据集", "данные", "😀", "cr\r", "tab\tx", "new\nline",
    "nb\u00a0sp", "???", "x.y", ".hidden", "...",
]  # fmt: skip


def pasted(lines: list[str], shell: str) -> bytes:
    """What a shell makes of lines that are pasted into it one after the other."""
    done = subprocess.run([shell], input="\n".join(lines).encode(), capture_output=True, check=True)
    assert not done.stderr
    return done.stdout
