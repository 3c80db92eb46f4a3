"""What torchvision 0.28 makes of one image in 0 to 1 by the changes of RandAugment and ColorJitter.

Prints the image, then one line a change: name, strength, sign and the numbers that come out. Changes by
magnitude are those of RandAugment._apply_op with bilinear interpolation; posterize and equalize, which
are for bytes, of the image as bytes.
"""
import math, torch, torchvision.transforms.functional as F
from torchvision.transforms import InterpolationMode as M

torch.manual_seed(3)
levels = torch.randint(0, 256, (3, 5, 6), dtype=torch.uint8)
image = levels / 255
print("image", *levels.flatten().tolist())

def affine(translate, shear, center=None):
  return F.affine(image, 0.0, translate, 1.0, shear, M.BILINEAR, center=center)

def change(name, strength, sign):
  x = sign * strength
  factor = 1 + 0.9 * x
  match name:
    case "IDENTITY": return image
    case "SHEAR_X": return affine([0, 0], [math.degrees(math.atan(0.3 * x)), 0.0], [0, 0])
    case "SHEAR_Y": return affine([0, 0], [0.0, math.degrees(math.atan(0.3 * x))], [0, 0])
    case "TRANSLATE_X": return affine([int(150 / 331 * 6 * x), 0], [0.0, 0.0])
    case "TRANSLATE_Y": return affine([0, int(150 / 331 * 5 * x)], [0.0, 0.0])
    case "ROTATE": return F.rotate(image, 30 * x, M.BILINEAR)
    case "BRIGHTNESS": return F.adjust_brightness(image, factor)
    case "SATURATION": return F.adjust_saturation(image, factor)
    case "CONTRAST": return F.adjust_contrast(image, factor)
    case "SHARPNESS": return F.adjust_sharpness(image, factor)
    case "POSTERIZE": return F.posterize(levels, 8 - round(4 * strength)) / 255
    case "SOLARIZE": return F.solarize(image, 1 - strength)
    case "AUTOCONTRAST": return F.autocontrast(image)
    case "EQUALIZE": return F.equalize(levels) / 255
    case "HUE": return F.adjust_hue(image, 0.5 * x)

c, y, x = torch.meshgrid(torch.arange(3), torch.arange(20), torch.arange(40), indexing="ij")
dark = ((7 * x + 13 * y + 29 * c + x * y) % 256 // 2).to(torch.uint8)
print("equalized", F.equalize(dark).numpy().tobytes().hex())

for name in ("IDENTITY SHEAR_X SHEAR_Y TRANSLATE_X TRANSLATE_Y ROTATE BRIGHTNESS SATURATION CONTRAST SHARPNESS POSTERIZE SOLARIZE AUTOCONTRAST EQUALIZE HUE").split():
  for strength, sign in ((0.3, 1), (0.9, -1)):
    print(name, strength, sign, *("%.6f" % v for v in change(name, strength, sign).flatten().tolist()))
