"""How letters are handed over: to a mail server, or to 8x8's Zendesk."""
