-- Entries for names nobody has tried yet, from as many network addresses as the first argument says.
local addresses, number

function init(args)
    addresses, number = tonumber(args[1]), 0
    wrk.method = "POST"
    wrk.headers["Cookie"] = "csrf=" .. args[2]
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    math.randomseed(os.time())
end

function request()
    number = number + 1
    wrk.headers["X-Forwarded-For"] = "198.18.0." .. (number % addresses + 1)
    local name = math.random(1, 1000000000)
    return wrk.format(nil, "/sign-in/", nil,
        "csrfmiddlewaretoken=" .. token .. "&address=niemand" .. name .. "%40example.org&password=falsch" .. name)
end

answers = {}

function response(status)
    answers[status] = (answers[status] or 0) + 1
end

local threads = {}

function setup(thread)
    thread:set("token", os.getenv("TOKEN"))
    table.insert(threads, thread)
end

function done(summary, latency, requests)
    for _, thread in ipairs(threads) do
        for status, count in pairs(thread:get("answers")) do
            io.write(string.format("status %d %d\n", status, count))
        end
    end
end
