--- `require "cjson"` of a workflow: encode, decode and null of lua-cjson, with its own settings and
--- without the functions that change them. NaN, infinities and hexadecimal numbers are refused.
local stock = require("cjson").new()

stock.decode_invalid_numbers(false)
stock.encode_invalid_numbers(false)
stock.decode_max_depth(100)
stock.encode_max_depth(100)
stock.encode_sparse_array(false, 2, 10)

return { encode = stock.encode, decode = stock.decode, null = stock.null }
