"""Photos with a known content: shapes of one colour on white, in rows, as PNG."""
from fixtures.photos import png_of_rows

SIDE = 336  # pixels; what the usual vision models look at without scaling
PLACES = 3  # shapes a row, and rows
COLOURS = {"red": (220, 30, 30), "green": (20, 150, 40), "blue": (30, 60, 210), "yellow": (250, 215, 0)}
SHAPES = ("circle", "square", "triangle")
WHITE = bytes([255, 255, 255])


def _half_width(shape, radius, y):
    """How far the shape reaches to both sides of its middle, `y` pixels below that; negative where it is not."""
    if abs(y) > radius:
        return -1
    if shape == "circle":
        return int((radius * radius - y * y) ** 0.5)
    return radius if shape == "square" else (y + radius) // 2


def drawing(shape, colour, count=1):
    """`count` (1 to 9) shapes of one kind; a single one is large and in the middle."""
    cell = SIDE if count == 1 else SIDE // PLACES
    radius = cell // 3
    middles = [(index % PLACES * cell + cell // 2, index // PLACES * cell + cell // 2) for index in range(count)]
    paint = bytes(COLOURS[colour])
    rows = []
    for y in range(SIDE):
        row = bytearray(WHITE * SIDE)
        for middle_x, middle_y in middles:
            half = _half_width(shape, radius, y - middle_y)
            if half >= 0:
                row[3 * (middle_x - half):3 * (middle_x + half + 1)] = paint * (2 * half + 1)
        rows.append(bytes(row))
    return png_of_rows(SIDE, SIDE, rows)
