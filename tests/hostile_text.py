"""Texts that do something in a page that shows them as Markdown, HTML or TeX: run a script, follow a link, load, draw.

What runs leaves its mark: the attribute `data-ran` of the page's root.
"""

RUN = "document.documentElement.setAttribute('data-ran','1');void(0)"
MARK = RUN.replace("(", "%28").replace(")", "%29")
"""The script where brackets would end the link."""

LINKS = (
    f"[open](javascript:{MARK})",
    f"[open](<javascript:{RUN}>)",
    f'[open](javascript:{MARK} "title")',
    f"[open](  JavaScript:{MARK}  )",
    f"[open](&#106;avascript:{MARK})",
    f"[open](&#x6A;&#x61;vascript&colon;{MARK})",
    f"[open](java&Tab;script:{MARK})",
    f"[open](java&NewLine;script&#58;{MARK})",
    f"[open](\x01javascript:{MARK})",
    f"[open](&#1;javascript:{MARK})",
    f"&#91;open&#93;(javascript:{MARK})",
    f"&lbrack;open&rbrack;&lpar;javascript:{MARK}&rpar;",
    f"[open]\u200b(javascript:{MARK})",
    f"[open][1]\n\n[1]: javascript:{MARK}",
    f"[open][]\n\n[open]: <javascript:{RUN}>",
    f"[open]\n\n> [open]:\n> javascript:{MARK}",
    f"[open]\n\n- [OPEN]: javascript:{MARK} 'title'",
    f"[two\nlines]\n\n[two\nlines]: javascript:{MARK}",
    f"<javascript:{MARK}>",
    f"[![picture](x.png)](javascript:{MARK})",
    f"| a |\n|---|\n| [open](javascript:{MARK}) |",
    f"# [open](javascript:{MARK})",
    f"*[open](javascript:{MARK})*",
    f"- [ ] [open](javascript:{MARK})",
    f"[open](vbscript:{MARK})",
    f"[open](data:text/html,<script>{RUN}</script>)",
    "[open](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[open](file:///etc/passwd)",
    "[open](other.html)",
    "[open](/api/contents)",
    "[open](//example.org/)",
    "[open](https://example.org/)",
    "<https://example.org/>",
    "https://example.org/",
    "see www.example.org now",
    "<me@example.org>",
    "me@example.org",
)

LOADED = (
    "![x](https://example.org/x.png)",
    "![x](x.svg)",
    "![x](attachment:x)",
    "![x][1]\n\n[1]: https://example.org/x.png",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
)

TAGS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</ScRiPt>",
    f'<img src=x onerror="{RUN}">',
    f'text <img/src=x onerror="{RUN}"',
    f'<svg onload="{RUN}"></svg>',
    f'<a href="javascript:{RUN}">open</a>',
    f"<iframe srcdoc=\"<a href='#' onclick='1'>\" src='javascript:{MARK}'></iframe>",
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    '<base href="https://example.org/">',
    f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    f'<math><maction actiontype="statusline" xlink:href="javascript:{MARK}">x</maction></math>',
    '<form action="https://example.org/"><button>send</button></form>',
    "<style>@import 'https://example.org/x.css';</style>",
    f"<!-- --><script>{RUN}</script>",
    f"<\u200bscript>{RUN}</script>",
    f'```mermaid\nflowchart LR\nA --> B\nclick A href "javascript:{RUN}"\n```',
    f'```mermaid\n<img src=x onerror="{RUN}">\n```',
    f'> ~~~Mermaid\n> <svg onload="{RUN}">\n> ~~~',
)

MACROS = (
    f"$\\href{{javascript:{RUN}}}{{open}}$",
    f"$$\\href{{javascript:{RUN}}}{{open}}$$",
    f"\\begin{{equation}}\\href{{javascript:{RUN}}}{{open}}\\end{{equation}}",
    f"\\\\(\\href{{javascript:{RUN}}}{{open}}\\\\)",
    f"&#36;&#92;href{{javascript:{RUN}}}{{open}}&#36;",
    f"&dollar;&bsol;href{{javascript:{RUN}}}{{open}}&dollar;",
    f"\\$ x $\\\\href{{javascript:{RUN}}}{{open}}$",
    f"$\\hr\u200bef{{javascript:{RUN}}}{{open}}$",
    f"$\\let\\go\\href \\go{{javascript:{RUN}}}{{open}}$",
    f"$\\def\\go{{\\href{{javascript:{RUN}}}}} \\go{{open}}$",
    f"$\\newcommand{{\\go}}[1]{{\\href{{javascript:{RUN}}}{{#1}}}} \\go{{open}}$",
    f"$\\text{{$\\href{{javascript:{RUN}}}{{open}}$}}$",
    "$\\url{https://example.org/}$",
    "$\\class{nbgrader_cell}{x}$ $\\cssId{discussion}{y}$",
    "$\\style{background:url(https://example.org/x.png)}{x}$",
    "$\\require{action} \\toggle{a}{b}\\endtoggle$",
    "$\\unicode[url]{x41}$ $\\bbox[background:url(https://example.org/)]{x}$",
    "$\\includegraphics{https://example.org/x.png}$",
    "$\\label{discussion} \\ref{discussion}$",
)

HOSTILE = (*LINKS, *LOADED, *TAGS, *MACROS)
