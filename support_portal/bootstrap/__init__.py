"""What runs before Django can: the environment, the local settings, the tests, the processes.

Standard library only, and nothing of ours from outside this package.
"""
