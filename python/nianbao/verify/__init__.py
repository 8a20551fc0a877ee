"""Verify: is a published file exactly what was exported, does it still say the same, or what does it say otherwise?"""
