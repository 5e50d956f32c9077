"""Makes the pictures of this folder from those that come with scikit-image, and bits.json: the bits of each, by NumPy, SciPy and Pillow.

usage: python make.py           with numpy, scipy, pillow and scikit-image installed
       python make.py --bits    bits.json alone, of the pictures as they are

Nothing of the client's own code is in here: it is what the client is held against.
"""

import json
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageOps
from scipy.fft import dctn

HERE = Path(__file__).resolve().parent


def pictures():
    """Small, and of every kind that is taken. Who made them and under which terms: README.md."""
    import skimage

    source = Path(skimage.__file__).parent / "data"
    Image.open(source / "astronaut.png").save(HERE / "astronaut.jpg", quality=85)
    galaxies = Image.open(source / "hubble_deep_field.jpg").resize((500, 436), Image.LANCZOS)
    galaxies.save(HERE / "galaxies.jpg", quality=85, progressive=True)
    Image.open(source / "camera.png").resize((300, 300), Image.LANCZOS).save(HERE / "camera.png")
    Image.open(source / "chelsea.png").save(HERE / "chelsea.webp", quality=85)
    coffee = Image.open(source / "coffee.png")
    coffee.save(HERE / "coffee.jpg", quality=85)
    # What a phone writes that was held upright: the pixels lie on their side, and EXIF says so (6: turn it right).
    exif = Image.Exif()
    exif[0x0112] = 6
    coffee.transpose(Image.ROTATE_90).save(HERE / "turned.jpg", quality=85, exif=exif)
    # Half of it is transparent.
    see_through = Image.open(source / "chelsea.png").resize((200, 140), Image.LANCZOS).convert("RGBA")
    see_through.putalpha(Image.linear_gradient("L").resize((200, 140)))
    see_through.save(HERE / "see-through.png")
    (HERE / "again").mkdir(exist_ok=True)
    for name in ["astronaut.jpg", "camera.png", "chelsea.webp", "coffee.jpg", "galaxies.jpg"]:
        again(name)


def again(name):
    """The same as others send it on: half its size, quality 60."""
    picture = Image.open(HERE / name).convert("RGB")
    small = picture.resize((picture.width // 2, picture.height // 2), Image.LANCZOS)
    small.save((HERE / "again" / name).with_suffix(".jpg"), quality=60)


def places():
    """Row and column of the coefficients, in JPEG's zig-zag without its first."""
    found = []
    for diagonal in range(1, 64):
        steps = range(diagonal + 1) if diagonal % 2 else range(diagonal, -1, -1)
        found += [(row, diagonal - row) for row in steps]
    return tuple(numpy.array(found[:2040]).T)


def bits(path):
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    rgb = numpy.asarray(Image.alpha_composite(white, picture).convert("RGB"), dtype=numpy.float32)
    luma = Image.fromarray((rgb @ numpy.array([0.299, 0.587, 0.114], dtype=numpy.float32)))
    small = numpy.asarray(luma.resize((256, 256), Image.BILINEAR), dtype=numpy.float64)
    signs = dctn(small, norm="ortho")[places()] > 0
    return numpy.packbits(signs, bitorder="little").tobytes().hex()


if __name__ == "__main__":
    if "--bits" not in sys.argv:
        pictures()
    files = sorted(file for file in HERE.iterdir() if file.suffix in {".jpg", ".png", ".webp"})
    (HERE / "bits.json").write_text(json.dumps({file.name: bits(file) for file in files}, indent=1) + "\n")
