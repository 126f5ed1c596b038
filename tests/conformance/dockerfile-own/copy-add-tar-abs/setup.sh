python3 - <<X
import tarfile,io
t=tarfile.open("t.tar","w"); i=tarfile.TarInfo("/abs/f"); i.size=1; t.addfile(i,io.BytesIO(b"1")); t.close()
X
