"""What is browsed: filters and their language, saved views, exports of what is filtered."""
