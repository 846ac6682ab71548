"""Hosts that no short link may lead to: names that are not public, and other shorteners.

A name includes its subdomains. Curated by hand in November 2026; for a shortener that is missing
here there is the reviewer, who sees the host beside the text.
"""

_INTERNAL = """
    localhost localdomain local internal intranet private lan home corp home.arpa arpa
    test example invalid alt onion
    nip.io sslip.io xip.io localtest.me lvh.me vcap.me
"""
_SHORTENERS = """
    bit.ly bitly.com bitly.ws j.mp tinyurl.com tiny.cc tiny.one tinycc.com t.co t.ly goo.gl
    ow.ly owl.ly is.gd v.gd buff.ly rebrand.ly rb.gy cutt.ly shorturl.at shorturl.asia short.io
    short.gy shorte.st adf.ly bc.vc ouo.io linkvertise.com soo.gd s.id u.to x.co snip.ly bl.ink
    clck.ru vk.cc qr.ae qrco.de qr.io dub.sh dub.co lnk.bio linktr.ee acortar.link acortaurl.com
    n9.cl urlzs.com kutt.it tr.ee da.gd chilp.it po.st trib.al dlvr.it smarturl.it hyperurl.co
    lnkd.in fb.me l.facebook.com lm.facebook.com l.instagram.com l.messenger.com out.reddit.com
    href.li anon.to app.link page.link onelink.me adj.st sng.link urldefense.com
    safelinks.protection.outlook.com
"""

#: Reserved by RFC 6761, 6762, 7686 and 8375 or by custom for private networks; and public names
#: that resolve to private addresses.
INTERNAL = frozenset(_INTERNAL.split())

#: They hide the destination, can be changed after review, and count the clicks instead of us.
SHORTENERS = frozenset(_SHORTENERS.split())
