"""Verify: is a published file exactly what was exported, does it still say the same, or what does it say otherwise?"""

from nianbao.verify.verify import MANIFEST, Verdict, read_back, verify, verify_all

__all__ = ["MANIFEST", "Verdict", "read_back", "verify", "verify_all"]
