# rm -rf /, and then a look at what that did.
refused=$(rm --recursive --force --no-preserve-root / 2>&1 | wc -l)
echo "rm was refused $refused times; $(ls /usr/bin | wc -l) programs are still in /usr/bin, and bash, ls and wc work."
[ "$refused" -gt 100 ]
