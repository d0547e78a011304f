"""Files of records: JSON, workbooks, .ts, .arff and fastText."""
