"""What the channel sold, delivered and forecast, and how long it took: the reports for staff.

Staff see every count: small cells are merged only in what brands read.
"""
