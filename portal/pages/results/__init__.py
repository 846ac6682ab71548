"""The pages of results: reports, exports, certificates and mails."""
