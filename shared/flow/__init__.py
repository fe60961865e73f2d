"""Flow control: how much runs at once in one process, in which order, for how long, and how often it is tried.

It protects a process and those who share it. What has to hold across instances lies in storage. Nothing here knows what
the calls do that it holds up or lets through.
"""
