"""Results as files for spreadsheets: CSV and XLSX of one campaign or of all of a brand."""
