"""Channels as staff call them."""

NAMES = {
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "viber": "Viber",
    "rcs": "RCS",
    "line": "LINE",
    "linenotification": "LINE notification",
    "zalonotification": "Zalo notification",
    "voice": "Voice",
}
ICONS = {"sms": "sms", "whatsapp": "wa"}


def channel_name(channel: str) -> str:
    """Name a channel; one that we do not know keeps 8x8's word."""
    return NAMES.get(channel, channel or "Channel not told")


def channel_icon(channel: str) -> str:
    """Return the icon of a channel."""
    return ICONS.get(channel, "comment")
