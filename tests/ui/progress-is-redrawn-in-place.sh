# What `up` and `down` show on a terminal: a line a resource, redrawn in place, whatever the terminal's width is.
. "$TOP/tests/ui/lib.sh"
{ echo services:; for i in $(seq 1 8); do echo "  service$i: {image: busybox, init: true, command: [sleep, '1000'], stop_grace_period: 0s}"; done; } >compose.yaml
cat >session <<'S'
PS1='READY '
S
open_terminal 100 40 bash --noprofile --rcfile session -i
wait_for READY
keys "'$DEVC' up -d; echo ended \$?" Enter; wait_for 'ended 0' 30
eq "$(all_shown | grep -c "Container $COMPOSE_PROJECT_NAME-service[1-8]-1")" 8 "lines of containers after up"
has "$(all_shown)" "Started" "the final state"
eq "$(all_shown | grep -cE 'Network .*default')" 1 "lines of the network"

# Narrow: no line is longer than the terminal, so none is drawn twice. Wide again meanwhile.
keys clear Enter; screen resize-window -t t -x 34 -y 40; screen clear-history -t t
keys "'$DEVC' restart; echo restarted \$?" Enter; wait_for 'restarted 0' 60
eq "$(all_shown | grep -c "Container .*service[1-8]\|ontainer $COMPOSE_PROJECT_NAME")" 8 "lines in a narrow terminal"
screen resize-window -t t -x 100 -y 40

# More services than rows: what does not fit is left out while it goes on, and the end is whole.
screen resize-window -t t -x 100 -y 6; keys 'until [ "$(stty size)" = "6 100" ]; do :; done; echo wide' Enter; wait_for wide
keys clear Enter; screen clear-history -t t
keys "'$DEVC' down; echo removed \$?" Enter; wait_for 'removed 0' 30
has "$(all_shown)" "Removed" "the final state of down"

# Not a terminal: no escape sequences.
"$DEVC" up -d >plain.log 2>&1; fails grep -q $'\033' plain.log
"$DEVC" --ansi never down >plain.log 2>&1; fails grep -q $'\033' plain.log
