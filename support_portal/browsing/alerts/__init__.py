"""Alerts on views: looking at the counts every minute, and telling by bell, mail or webhook."""
