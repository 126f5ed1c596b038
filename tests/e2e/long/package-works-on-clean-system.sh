# The Debian package, installed in a clean Debian of its own, brings all that devc needs: programs, manual, completion.
. "$TOP/tests/e2e/lib.sh"
cpack --config "$TOP/build/release/CPackConfig.cmake" -G DEB -B "$PWD" >cpack.log 2>&1 || die "$(cat cpack.log)"
package=$(ls devc_*.deb)
listed=$(dpkg-deb -c "$package")
for path in usr/bin/devc usr/libexec/devc/devc-monitor usr/libexec/devc/devc-transfer usr/share/man/man1/devc-up.1 \
  usr/share/bash-completion/completions/devc usr/share/zsh/vendor-completions/_devc usr/share/fish/vendor_completions.d/devc.fish \
  usr/lib/systemd/system/devc.service; do
  has "$listed" "./$path" "files of the package"
done

# Debian as it is, with what the package depends on and nothing else.
depends=$(dpkg-deb -f "$package" Depends | sed 's/ *([^)]*)//g; s/ *| *[^,]*//g; s/, */,/g')
mmdebstrap --variant=minbase --include="$depends" bookworm root >mmdebstrap.log 2>&1 || die "$(tail -5 mmdebstrap.log)"
cp "$package" root/
has "$(dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/lib/systemd/system/devc.service)" "ExecStart=/usr/bin/devc system boot" "the unit"
chroot root dpkg -i "/$package" >dpkg.log 2>&1 || die "$(cat dpkg.log)"
inside() { # in mounts and a network of its own
  unshare -mn --propagation private sh -euc '
    mount --bind root root; mount -t proc proc root/proc; mount --rbind /sys root/sys; mount --rbind /dev root/dev
    mkdir -p root/var/lib/devc; mount -t tmpfs tmpfs root/run; mount -t tmpfs -o mode=700 tmpfs root/var/lib/devc
    ip link set lo up
    cd root; pivot_root . mnt; umount -l /mnt
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$@"
}
eq "$(inside devc version --short)" "$("$DEVC" version --short)" "the version"
mkdir root/project
printf 'services: {a: {image: busybox, command: sleep 1000}}\n' >root/project/compose.yaml
has "$(inside devc -f /project/compose.yaml config)" "image: busybox" "what config prints"

# As a user would: an image from an archive, a project from it.
"$DEVC" image save busybox >root/busybox.tar
cat >root/go <<'S'
set -eu
export DEVC_STATE_DIR=/var/lib/devc DEVC_RUN_DIR=/run/devc
devc image load -q -i /busybox.tar
cd /project
devc up -d
devc exec -T a true
devc down -t 0
devc system check
S
inside sh /go >go.log 2>&1 || die "$(cat go.log)"
chroot root dpkg -r devc >/dev/null
[ ! -e root/usr/bin/devc ] || die "the link stays when the package goes"
