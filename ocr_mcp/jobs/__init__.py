"""Documents that are read behind the calls that ask for them: a call returns in time with the pages that are ready."""
