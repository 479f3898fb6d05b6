# As much output as a pipe can carry, without an end.
yes 'All work and no play makes a log file full.'
