"""Makes a CUDA library run under a driver that is older than its toolkit: where the library holds nothing but PTX for a GPU, the driver has
to translate that, and a driver of CUDA 13.0 refuses what nvcc 13.1 wrote. This translates it beforehand with the toolkit's own ptxas, as the
driver would have, and puts the machine code in place of everything that the library held (other GPUs' code goes):

    python machine_code.py IN.so OUT.so --arch sm_90 --tools nvidia/cu13/bin --work folder [--processes 2]

`--tools` holds ptxas and fatbinary of the toolkit that made the library (Python's nvidia-cuda-nvcc has both) and cuobjdump (nvidia-cuda-cuobjdump).
Goes on where it was stopped: what is translated lies in the work folder. Modules that are not translated, where --only-done is given, run no kernel.
"""
import argparse, glob, os, re, struct, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

CONTAINER = 0xBA55ED50  # of a fat binary: u32 magic, u16 version, u16 header bytes, u64 bytes behind the header


def section(data, wanted):
    """File offset and length of an ELF section."""
    table, = struct.unpack_from("<Q", data, 0x28)
    count, names = struct.unpack_from("<HH", data, 0x3C)
    headers = [struct.unpack_from("<IIQQQQ", data, table + 64 * index) for index in range(count)]
    for name, _, _, _, offset, length in headers:
        at = headers[names][4] + name
        if data[at:data.index(b"\0", at)].decode() == wanted:
            return offset, length
    sys.exit(f"Expected a library with a section {wanted}, found none.")


def containers(data):
    """Offset of every fat binary and the room up to the next, in order: cuobjdump counts their images in the same order."""
    at, length = section(data, ".nv_fatbin")
    end, starts = at + length, []
    while at < end:
        magic, _, header, behind = struct.unpack_from("<IHHQ", data, at)
        if magic == CONTAINER:
            starts.append(at)
        at += header + behind if magic == CONTAINER else 8
    return [(start, after - start) for start, after in zip(starts, starts[1:] + [end])]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("library")
    parse.add_argument("out")
    for name, default in (("arch", "sm_90"), ("tools", None), ("work", "machine-code"), ("processes", "2")):
        parse.add_argument(f"--{name}", default=default, required=default is None)
    parse.add_argument("--only-done", action="store_true")
    given = parse.parse_args()
    tool = lambda name: os.path.join(os.path.abspath(given.tools), name)
    os.makedirs(given.work, exist_ok=True)
    inside = lambda name: os.path.join(os.path.abspath(given.work), name)
    if not glob.glob(inside("*.ptx")):
        subprocess.run([tool("cuobjdump"), "-xptx", f"{given.arch}.ptx", os.path.abspath(given.library)], cwd=given.work, check=True,
                       stdout=subprocess.DEVNULL)
    # one PTX a container and architecture, numbered through the whole library
    number = lambda path: int(re.search(r"\.(\d+)\.sm_", path).group(1))
    sources = sorted(glob.glob(inside("*.ptx")), key=number)
    library = bytearray(open(given.library, "rb").read())
    places = containers(library)
    if len(sources) != len(places):
        sys.exit(f"Expected PTX for {given.arch} in each of {len(places)} modules, found it in {len(sources)}.")

    def translate(source):
        code, packed = source + ".cubin", source + ".fatbin"
        if not os.path.exists(packed) and not (given.only_done and not os.path.exists(code)):
            if not os.path.exists(code):
                run(tool("ptxas"), "-O3", f"-arch={given.arch}", "-o", code + ".part", source)
                os.rename(code + ".part", code)
            run(tool("fatbinary"), "--64", "--compress-all", f"--image3=kind=elf,sm={given.arch[3:]},file={code}", f"--create={packed}.part")
            os.rename(packed + ".part", packed)
        return open(packed, "rb").read() if os.path.exists(packed) else struct.pack("<IHHQ", CONTAINER, 1, 16, 0)

    with ThreadPoolExecutor(int(given.processes)) as pool:
        images = list(pool.map(translate, sources))
    kept = 0
    for (at, room), image in zip(places, images):
        if len(image) > room:
            sys.exit(f"Expected at most {room} bytes of machine code in place of the module at {at}, got {len(image)}.")
        library[at:at + room] = image + bytes(room - len(image))
        kept += len(image) > 16
    with open(given.out, "wb") as file:
        file.write(library)
    os.chmod(given.out, 0o755)
    print(f"{given.out}: {kept} of {len(places)} modules as machine code for {given.arch}")


main()
