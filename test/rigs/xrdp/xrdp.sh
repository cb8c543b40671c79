#!/bin/bash
# xrdp, with its session manager, as a root service of a host whose /etc and /run are its own.
#   xrdp.sh serve FOLDER [FIRST_DISPLAY]     starts it, its logs in FOLDER; returns when it listens
#   xrdp.sh host FOLDER USER UID PASSWORD    a host of its own: network, /etc, /run, and a user whose home is
#                                            FOLDER/home; runs until its standard input ends. Prints "up".
# Needs root.
set -u
PATH=$PATH:/usr/sbin:/sbin

serve() {
  local folder=$1 first=${2:-10} k=0
  sed -i "s|^LogFile=.*|LogFile=$folder/xrdp.log|;s/^EnableSyslog=.*/EnableSyslog=false/" /etc/xrdp/xrdp.ini
  sed -i "s|^LogFile=.*|LogFile=$folder/sesman.log|;s/^EnableSyslog=.*/EnableSyslog=false/;s/^X11DisplayOffset=.*/X11DisplayOffset=$first/" /etc/xrdp/sesman.ini
  mkdir -p /run/xrdp/sockdir
  chmod 3777 /run/xrdp/sockdir
  setsid xrdp-sesman -n </dev/null >>"$folder/log" 2>&1 &
  setsid xrdp -n </dev/null >>"$folder/log" 2>&1 &
  # 3350 and 3389
  until cat /proc/net/tcp /proc/net/tcp6 | grep -q ':0D16 .* 0A ' && cat /proc/net/tcp /proc/net/tcp6 | grep -q ':0D3D .* 0A '; do
    k=$((k + 1))
    [ $k -gt 400 ] && { tail "$folder"/*log >&2; exit 1; }
    sleep .05
  done
}

host() {
  local folder=$1 user=$2 uid=$3 password=$4
  mount --make-rprivate /
  mount -t tmpfs -o mode=755 tmpfs /mnt
  cp -a /etc /mnt/etc 2>/dev/null
  mount --bind /mnt/etc /etc
  mount -t tmpfs -o mode=755 tmpfs /run
  install -d -m 700 -o "$uid" -g "$uid" "/run/user/$uid"
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  printf '%s:x:%s:%s::%s/home:/bin/bash\n' "$user" "$uid" "$uid" "$folder" >>/etc/passwd
  printf '%s:x:%s:\n' "$user" "$uid" >>/etc/group
  printf '%s:*:19000:0:99999:7:::\n' "$user" >>/etc/shadow
  printf '%s:%s\n' "$user" "$password" | chpasswd
  chown -R "$uid:$uid" "$folder/home"
  hostname rdphost
  ip link set lo up
  # Far from the displays of whoever else uses this machine.
  serve "$folder" 640
  echo up
  cat >/dev/null
}

c=$1
shift
case $c in
serve) serve "$@" ;;
host) host "$@" ;;
esac
