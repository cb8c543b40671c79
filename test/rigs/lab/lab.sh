#!/bin/bash
# A LAN of several hosts in one machine: each is a net + mount + uts + ipc + pid namespace on one Linux bridge, with
# its own hostname, machine-id, /etc, /home, /root, /tmp, /run, /dev/shm, D-Bus system bus, avahi-daemon (optional),
# sshd with own host keys, and key login for "user". hotdesk and node are in its /usr/local/bin.
# Needs root, no systemd. Nothing is made in the machine's own network, and none of its files change.
#   lab.sh up N [--no-avahi=2,3|all] [--no-sshd]   starts the hosts 1..N that do not run
#   lab.sh down                                    ends every host and removes what they left
#   lab.sh pid I                                   pid 1 of host I, as seen from here
#   lab.sh exec I cmd...                           run as root in host I
#   lab.sh user I cmd...                           run as its user, in its home
#   lab.sh svc I start|stop avahi|sshd|dbus
#   lab.sh seat I                                  an Xvfb of its user; prints the display
#   lab.sh addif I [addr/len] | delif I            a second interface on a second bridge
#   lab.sh addr I addr/len                         replaces eth0's IPv4 address
#   lab.sh link I up|down                          the cable, at the switch
#   lab.sh loss I PERCENT | rate I 10mbit|0        a bad cable (nftables, tbf)
#   lab.sh avahi-alone I yes|no                    whether its Avahi keeps port 5353 to itself, from its next start on
#   lab.sh passwd I PASSWORD                       gives the user a password that sshd takes
# LAB_PREFIX (names of the network namespaces), LAB_DIR, LAB_NET, LAB_NET2 (first three bytes), LAB_UID, LAB_CHECKOUT,
# LAB_NODE, LAB_KEEP (folders below /tmp, /root or /home that hosts must see, colon-separated), LAB_SSHD_<I> (lines for
# sshd_config), LAB_RUNTIME_DIR=0 (no /run/user/UID, as without logind)
set -u
PATH=$PATH:/usr/sbin:/sbin
SELF=$(readlink -f "$0")
P=${LAB_PREFIX:-ht}
D=${LAB_DIR:-/tmp/hotdesk-lab-$P}
NET=${LAB_NET:-10.77.0}
NET2=${LAB_NET2:-10.78.0}
UIDN=${LAB_UID:-4200}
CHECKOUT=${LAB_CHECKOUT:-$(dirname "$SELF")/../../..}
NODE=${LAB_NODE:-$(readlink -f "$(command -v node)")}
SW=${P}sw

die() {
  echo "lab: $*" >&2
  exit 1
}

need() {
  [ "$(id -u)" = 0 ] || die "needs root"
  local c
  for c in ip nft unshare nsenter dbus-daemon avahi-daemon sshd ssh-keygen; do
    command -v $c >/dev/null || die "missing $c (apt-get install iproute2 nftables dbus avahi-daemon avahi-utils libnss-mdns openssh-server)"
  done
}

alive() {
  local p
  p=$(cat "$D/$1/pid" 2>/dev/null) && [ -n "$p" ] && grep -qz "^LAB_HOST=$P$1\$" "/proc/$p/environ" 2>/dev/null && echo "$p"
}

enter() {
  local p
  p=$(alive "$1") || die "host $1 is not up"
  shift
  # -r: entering a mount namespace leaves a chroot (setns(2)); the host's own root is the one that is meant.
  nsenter -t "$p" -m -u -i -n -p -r -w -- "$@"
}

as_user() {
  local p
  p=$(alive "$1") || die "host $1 is not up"
  shift
  nsenter -t "$p" -m -u -i -n -p -r -w --setuid "$UIDN" --setgid "$UIDN" -- \
    env -i HOME=/home/user USER=user LOGNAME=user SHELL=/bin/bash PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
    sh -c 'cd; exec "$@"' x "$@"
}

# -- inside a host

start_svc() {
  case $1 in
  dbus)
    mkdir -p /run/dbus
    rm -f /run/dbus/pid
    dbus-daemon --system --fork --nopidfile --print-pid=3 3>/run/lab/dbus.pid
    ;;
  avahi)
    rm -f /run/avahi-daemon/pid
    avahi-daemon -D -s --no-chroot >/dev/null 2>&1
    local k=0
    while [ ! -S /run/avahi-daemon/socket ] && [ $k -lt 100 ]; do
      sleep .05
      k=$((k + 1))
    done
    [ -S /run/avahi-daemon/socket ]
    ;;
  sshd)
    mkdir -p /run/sshd
    rm -f /run/sshd.pid
    /usr/sbin/sshd
    ;;
  *) die "no service $1" ;;
  esac
}

stop_svc() {
  local pid
  case $1 in
  dbus) pid=$(cat /run/lab/dbus.pid) ;;
  avahi) pid=$(cat /run/avahi-daemon/pid) ;;
  sshd) pid=$(cat /run/sshd.pid) ;;
  *) die "no service $1" ;;
  esac
  kill "$pid" || return
  while kill -0 "$pid" 2>/dev/null; do sleep .02; done
}

# An Xvfb with a cookie, as the user's graphical login. It is ready when it has written its number.
start_seat() {
  export HOME=/home/user
  cd || die "no home"
  local ready=$HOME/.seat-ready cookie
  cookie=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  rm -f "$ready" .Xauthority
  touch .Xauthority
  xauth -q -f .Xauthority add :0 . "$cookie" || die "xauth failed"
  mkfifo "$ready"
  setsid sh -c 'exec Xvfb :0 -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset -auth "$HOME/.Xauthority" 3>"$0"' "$ready" \
    </dev/null >.seat.log 2>&1 &
  local number=
  read -r -t 20 number <"$ready"
  rm -f "$ready"
  [ -n "$number" ] || die "Xvfb did not start: $(tail -3 .seat.log)"
  echo ":$number"
}

# Pid 1 of a host. $1: its number, $2: Avahi (0|1), $3: sshd (0|1)
hostinit() {
  local i=$1 H=$D/$1 keep k=0 entry
  cd / || die "no root"
  mount --make-rprivate /
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys 2>/dev/null
  # What must stay visible under the private /tmp, /home, /root, /run and /etc is below /mnt while they are mounted.
  mount -t tmpfs -o mode=755 tmpfs /mnt
  mkdir /mnt/keep /mnt/etc /mnt/usr-local-bin
  mkdir /mnt/lab
  mount --bind "$D" /mnt/lab
  for keep in $(echo "${LAB_KEEP:-}" | tr : ' '); do
    k=$((k + 1))
    mkdir /mnt/keep/$k
    mount --bind "$keep" /mnt/keep/$k
  done
  mkdir /mnt/checkout
  mount --bind "$CHECKOUT" /mnt/checkout
  : >/mnt/lab.sh
  mount --bind "$SELF" /mnt/lab.sh
  : >/mnt/node
  mount --bind "$NODE" /mnt/node
  mount --bind /usr/local/bin /mnt/usr-local-bin

  # A copy of /etc, with the host's own files over it.
  mount -t tmpfs -o mode=755 etc /mnt/etc
  cp -a /etc/. /mnt/etc/ 2>/dev/null
  rm -rf /mnt/etc/ssh /mnt/etc/avahi/services
  cp -a "$H/etc/." /mnt/etc/
  mount --move /mnt/etc /etc

  mkdir -p "$H/tmp"
  chmod 1777 "$H/tmp"
  mount --bind "$H/homes" /home
  mount --bind "$H/tmp" /tmp
  mkdir -p /tmp/.X11-unix
  chmod 1777 /tmp/.X11-unix
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/lab /run/lock /run/user /run/avahi-daemon
  chown avahi:avahi /run/avahi-daemon
  [ "${LAB_RUNTIME_DIR:-1}" = 1 ] && install -d -m 700 -o "$UIDN" -g "$UIDN" "/run/user/$UIDN"
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  mount -t tmpfs -o mode=700 tmpfs /root
  [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ] && mount --bind /etc/machine-id /var/lib/dbus/machine-id
  k=0
  for keep in $(echo "${LAB_KEEP:-}" | tr : ' '); do
    k=$((k + 1))
    mkdir -p "$keep"
    mount --bind /mnt/keep/$k "$keep"
  done

  # hotdesk as npm would install it: a link in /usr/local/bin, beside what the machine has there.
  mkdir /run/lab/hotdesk /run/lab/bin
  mount --bind /mnt/checkout /run/lab/hotdesk
  : >/run/lab/node
  mount --bind /mnt/node /run/lab/node
  : >/run/lab/lab.sh
  mount --bind /mnt/lab.sh /run/lab/lab.sh
  for entry in /mnt/usr-local-bin/*; do [ -e "$entry" ] && ln -s "$entry" /run/lab/bin/; done
  ln -sfn /run/lab/node /run/lab/bin/node
  ln -sfn /run/lab/hotdesk/bin/hotdesk.js /run/lab/bin/hotdesk
  mount --bind /run/lab/bin /usr/local/bin

  hostname "h$i"
  start_svc dbus
  [ "$2" = 1 ] && start_svc avahi
  [ "$3" = 1 ] && start_svc sshd
  : >/mnt/lab/$i/ready
  umount -l /mnt/lab # the other hosts' files are none of this one's business
  # bash as pid 1 reaps orphans
  trap : CHLD
  while :; do
    sleep 3600 &
    wait $!
  done </dev/null >/dev/null 2>&1
}

# -- from outside

# The files of host $1.
mkhost() {
  local i=$1 H=$D/$1 extra
  mkdir -p "$H/etc/ssh" "$H/etc/avahi/services" "$H/homes/user/.ssh"
  echo "h$i" >"$H/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 h%s\n::1 localhost\n' "$i" >"$H/etc/hosts"
  printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files mdns4_minimal [NOTFOUND=return] dns\n' >"$H/etc/nsswitch.conf"
  printf '# no DNS server here: refused at once\nnameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$H/etc/resolv.conf"
  printf 'h%s' "$i" | md5sum | cut -c1-32 >"$H/etc/machine-id"
  { grep -v '^user:' /etc/passwd; echo "user:x:$UIDN:$UIDN:Lab user:/home/user:/bin/bash"; } >"$H/etc/passwd"
  { grep -v '^user:' /etc/group; echo "user:x:$UIDN:"; } >"$H/etc/group"
  { grep -v '^user:' /etc/shadow; echo 'user:*:19000:0:99999:7:::'; } >"$H/etc/shadow"
  chmod 640 "$H/etc/shadow"
  cat >"$H/etc/avahi/avahi-daemon.conf" <<CONF
[server]
host-name=h$i
use-ipv4=yes
use-ipv6=yes
ratelimit-interval-usec=1000000
ratelimit-burst=1000
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
[reflector]
[rlimits]
CONF
  [ -s "$H/etc/ssh/ssh_host_ed25519_key" ] || ssh-keygen -q -t ed25519 -N '' -C "root@h$i" -f "$H/etc/ssh/ssh_host_ed25519_key"
  # sshd takes the first value of a keyword, so the extra lines win.
  extra=LAB_SSHD_$i
  {
    [ -n "${!extra:-}" ] && echo "${!extra}"
    cat <<CONF
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile /run/sshd.pid
UsePAM no
PasswordAuthentication no
PermitRootLogin no
AllowUsers user
X11Forwarding yes
AcceptEnv LANG LC_*
MaxStartups 100:30:200
Subsystem sftp internal-sftp
CONF
  } >"$H/etc/ssh/sshd_config"
  : >"$H/etc/ssh/ssh_config"
  cp "$D/id_ed25519" "$D/id_ed25519.pub" "$H/homes/user/.ssh/"
  cp "$D/id_ed25519.pub" "$H/homes/user/.ssh/authorized_keys"
  chown -R "$UIDN:$UIDN" "$H/homes/user"
  chmod 755 "$H/homes/user"
  chmod 700 "$H/homes/user/.ssh"
  chmod 600 "$H/homes/user/.ssh/id_ed25519"
}

mknet() {
  local i=$1 ns=$P$1
  [ -e "/run/netns/$ns" ] || ip netns add "$ns"
  ip -n "$ns" link set lo up
  ip -n "$ns" link show eth0 >/dev/null 2>&1 && return
  ip -n "$SW" link del "p$i" 2>/dev/null
  ip -n "$SW" link add "p$i" type veth peer name eth0 netns "$ns" || die "no veth for host $i"
  ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.disable_ipv6=0 2>/dev/null
  ip -n "$SW" link set "p$i" master br0 up
  ip -n "$ns" addr add "$NET.$i/24" dev eth0
  ip -n "$ns" link set eth0 address "$(printf '02:77:00:00:%02x:%02x' $((i / 256)) $((i % 256)))" up
  routes "$ns"
}

routes() {
  ip -n "$1" route add default via "$NET.254" 2>/dev/null
  ip -n "$1" route add 224.0.0.0/4 dev eth0 2>/dev/null
}

mkswitch() {
  [ -e "/run/netns/$SW" ] && return
  ip netns add "$SW" || die "no network namespace"
  ip -n "$SW" link set lo up
  ip -n "$SW" link add br0 type bridge mcast_snooping 0 || die "no bridge"
  ip -n "$SW" addr add "$NET.254/24" dev br0
  ip -n "$SW" link set br0 up
  ip -n "$SW" link add br1 type bridge mcast_snooping 0
  ip -n "$SW" addr add "$NET2.254/24" dev br1
  ip -n "$SW" link set br1 up
}

# Pid 1 of the namespace is the child of unshare.
find_init() {
  local p
  for p in $(cat "/proc/$(cat "$D/$1/upid")/task/"*/children 2>/dev/null); do
    grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$p/status" 2>/dev/null && echo "$p" >"$D/$1/pid" && return
  done
  return 1
}

up() {
  need
  local n=3 noav='' sshd=1 a i k av
  for a in "$@"; do
    case $a in
    --no-avahi=*) noav=,${a#*=}, ;;
    --no-sshd) sshd=0 ;;
    [0-9]*) n=$a ;;
    *) die "up does not take $a" ;;
    esac
  done
  mkdir -p "$D"
  : >"$D/.hotdesk-lab"
  [ -s "$D/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$D/id_ed25519"
  mkswitch
  for i in $(seq 1 "$n"); do
    alive "$i" >/dev/null && continue
    mkhost "$i"
    mknet "$i"
  done
  : >"$D/known_hosts"
  for i in $(seq 1 "$n"); do
    echo "h$i,h$i.local,$NET.$i $(cut -d' ' -f1,2 "$D/$i/etc/ssh/ssh_host_ed25519_key.pub")" >>"$D/known_hosts"
  done
  for i in $(seq 1 "$n"); do
    install -m 600 -o "$UIDN" -g "$UIDN" "$D/known_hosts" "$D/$i/homes/user/.ssh/known_hosts"
    alive "$i" >/dev/null && continue
    rm -f "$D/$i/ready"
    av=1
    case $noav in *,$i,* | ,all,) av=0 ;; esac
    LAB_HOST=$P$i setsid nsenter --net="/run/netns/$P$i" unshare -m -u -i -p --fork --kill-child \
      bash "$SELF" __init "$i" $av $sshd </dev/null >>"$D/$i/log" 2>&1 &
    echo $! >"$D/$i/upid"
  done
  for i in $(seq 1 "$n"); do
    k=0
    while [ ! -e "$D/$i/ready" ]; do
      sleep .05
      k=$((k + 1))
      [ $k -gt 400 ] && die "host $i did not start: $(tail -3 "$D/$i/log")"
    done
    alive "$i" >/dev/null || find_init "$i" || die "host $i has no first process: $(tail -3 "$D/$i/log")"
  done
}

down() {
  local d i p pids='' k=0
  [ -e "$D" ] && [ ! -e "$D/.hotdesk-lab" ] && die "$D is no lab folder"
  for d in "$D"/[0-9]*; do
    [ -d "$d" ] || continue
    i=${d##*/}
    # A host whose start was cut short has no pid file yet.
    alive "$i" >/dev/null || find_init "$i"
    if p=$(alive "$i"); then
      kill -9 "$p"
      pids="$pids $p"
    fi
  done
  for p in $pids; do
    while [ -e "/proc/$p" ] && [ $k -lt 200 ]; do
      sleep .02
      k=$((k + 1))
    done
  done
  for i in $(ip netns list 2>/dev/null | awk '{print $1}' | grep -E "^$P([0-9]+|sw)\$"); do ip netns del "$i"; done
  rm -rf "$D"
}

loss() {
  ip netns exec "$SW" nft delete table bridge "loss$1" 2>/dev/null
  [ "$2" = 0 ] || ip netns exec "$SW" nft "table bridge loss$1 { chain f { type filter hook forward priority 0; iifname p$1 numgen random mod 100 < $2 drop; oifname p$1 numgen random mod 100 < $2 drop; }; }"
}

rate() {
  ip netns exec "$SW" tc qdisc del dev "p$1" root 2>/dev/null
  [ "$2" = 0 ] || ip netns exec "$SW" tc qdisc add dev "p$1" root tbf rate "$2" burst 64kb latency 200ms
}

c=${1:-}
shift || true
case $c in
up) up "$@" ;;
down) down ;;
pid) alive "$1" ;;
exec) enter "$@" ;;
user) as_user "$@" ;;
svc) enter "$1" bash /run/lab/lab.sh __svc "$2" "$3" ;;
seat) as_user "$1" bash /run/lab/lab.sh __seat ;;
addif)
  ip -n "$SW" link add "q$1" type veth peer name eth1 netns "$P$1" && ip -n "$SW" link set "q$1" master br1 up &&
    ip -n "$P$1" addr add "${2:-$NET2.$1/24}" dev eth1 && ip -n "$P$1" link set eth1 up
  ;;
delif) ip -n "$SW" link del "q$1" ;;
addr)
  ip -n "$P$1" addr flush dev eth0 scope global
  ip -n "$P$1" addr add "$2" dev eth0
  routes "$P$1"
  ;;
link) ip -n "$SW" link set "p$1" "$2" ;;
loss) loss "$1" "$2" ;;
rate) rate "$1" "$2" ;;
avahi-alone) enter "$1" bash /run/lab/lab.sh __avahi-alone "$2" ;;
passwd)
  echo "user:$2" | enter "$1" chpasswd &&
    enter "$1" sh -c 'sed -i "s/^PasswordAuthentication.*/PasswordAuthentication yes/" /etc/ssh/sshd_config; kill -HUP "$(cat /run/sshd.pid)"'
  ;;
__init) hostinit "$@" ;;
__svc) if [ "$1" = start ]; then start_svc "$2"; else stop_svc "$2"; fi ;;
__avahi-alone)
  # /run/lab is in a host alone: nowhere else does this change anything.
  [ -e /run/lab/lab.sh ] && sed -i "/disallow/d;s/^\\[server\\]/&\\ndisallow-other-stacks=$1/" /etc/avahi/avahi-daemon.conf
  ;;
__seat) start_seat ;;
*)
  sed -n 2,24p "$SELF"
  exit 1
  ;;
esac
