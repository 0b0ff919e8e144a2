"""Who is at what: whose a group of errors or an incident is and how it stands, and who looks at a record."""
