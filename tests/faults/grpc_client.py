"""A gRPC client of one connection, with control over windows and timing that HTTP libraries do not give."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE = 1, 4
# The codes of a length are consecutive, in the order of the characters (RFC 7541, appendix B).
HUFFMAN = {
    5: "012aceiost",
    6: " %-./3456789=A_bdfghlmnpru",
    7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz",
    8: "&*,;XZ",
    10: "!\"()?",
    11: "'+|",
    12: "#>",
    13: "\0$@[]~",
    14: "^}",
    15: "<`{",
}


def huffman_codes():
    codes, code, length = {}, 0, 5
    for bits, symbols in HUFFMAN.items():
        code <<= bits - length
        for symbol in symbols:
            codes[bits, code] = symbol
            code += 1
        length = bits
    return codes


CODES = huffman_codes()


def huffman_text(data):
    text, code, bits = [], 0, 0
    for byte in data:
        for shift in range(7, -1, -1):
            code, bits = code << 1 | byte >> shift & 1, bits + 1
            if (bits, code) in CODES:
                text.append(CODES[bits, code])
                code = bits = 0
    return "".join(text)


def field(number, value):
    """Encodes a field of a message: a text, bytes, or a number."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def decode_varint(data, at):
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at


def decode(data):
    """Decodes a message: the last value of each field by number."""
    fields, at = {}, 0
    while at < len(data):
        key, at = decode_varint(data, at)
        if key & 7 == 2:
            length, at = decode_varint(data, at)
            value, at = data[at : at + length], at + length
        elif key & 7 == 0:
            value, at = decode_varint(data, at)
        else:
            size = 8 if key & 7 == 1 else 4
            value, at = data[at : at + size], at + size
        fields[key >> 3] = value
    return fields


def decode_integer(data, at, bits):
    value, at = data[at] & (1 << bits) - 1, at + 1
    if value < (1 << bits) - 1:
        return value, at
    more, at = decode_varint(data, at)
    return value + more, at


def decode_text(data, at):
    is_huffman, (length, at) = data[at] & 128, decode_integer(data, at, 7)
    part = data[at : at + length]
    return huffman_text(part) if is_huffman else part.decode("latin-1"), at + length


def decode_headers(data):
    """Decodes headers whose names are literal; the table is empty, and other names are numbers."""
    headers, at = {}, 0
    while at < len(data):
        first = data[at]
        if first & 128:
            _, at = decode_integer(data, at, 7)
        elif first & 224 == 32:
            _, at = decode_integer(data, at, 5)
        else:
            name, at = decode_integer(data, at, 6 if first & 64 else 4)
            if not name:
                name, at = decode_text(data, at)
            headers[name], at = decode_text(data, at)
    return headers


class GrpcConnection:
    """One connection. With a window of zero, the server can send headers, but no message."""

    def __init__(self, server, window=1 << 20, timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", server.grpc), timeout=timeout)
        self.window, self.stream = window, -1
        settings = struct.pack(">HIHI", HEADER_TABLE_SIZE, 0, INITIAL_WINDOW_SIZE, window)
        self.socket.sendall(PREFACE + self.frame(SETTINGS, 0, 0, settings))

    def close(self):
        self.socket.close()

    @staticmethod
    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

    def start(self, method, message):
        """Sends a call such as `ModelService/TrainModel`, and returns its stream."""
        self.stream += 2
        names = {":method": "POST", ":scheme": "http", ":authority": "localhost", ":path": f"/sweetspot.v1.{method}"}
        names |= {"content-type": "application/grpc", "te": "trailers"}
        block = b"".join(b"\0" + varint(len(k)) + k.encode() + varint(len(v)) + v.encode() for k, v in names.items())
        body = b"\0" + struct.pack(">I", len(message)) + message
        self.socket.sendall(
            self.frame(HEADERS, END_HEADERS, self.stream, block) + self.frame(DATA, END_STREAM, self.stream, body)
        )
        return self.stream

    def read_exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the server closed the connection")
            data += part
        return data

    def read_frame(self):
        """Reads one frame, and answers settings and pings. Returns its kind, flags, stream and payload."""
        head = self.read_exactly(9)
        length, (kind, flags, stream) = int.from_bytes(head[:3], "big"), struct.unpack(">BBI", head[3:])
        payload = self.read_exactly(length)
        if kind in (SETTINGS, PING) and not flags & ACK:
            self.socket.sendall(self.frame(kind, ACK, 0, payload if kind == PING else b""))
        if kind == DATA and length and self.window:
            self.socket.sendall(self.frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", length)))
        return kind, flags, stream, payload

    def finish(self, stream):
        """Reads until the end of a call. Returns its status, the message of its answer, and the text of its error."""
        headers, body = {}, b""
        while True:
            kind, flags, number, payload = self.read_frame()
            if kind == GOAWAY and struct.unpack(">I", payload[:4])[0] < stream:
                raise ConnectionError("the server takes no further calls")
            if number != stream:
                continue
            if kind == RESET:
                raise ConnectionError(f"the call was reset with code {int.from_bytes(payload, 'big')}")
            if kind == HEADERS:
                headers |= decode_headers(payload)
            if kind == DATA:
                body += payload
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return int(headers.get("grpc-status", 2)), body[5:], headers.get("grpc-message", "")

    def call(self, method, message):
        return self.finish(self.start(method, message))
