-- A page again and again, with the cookie that is given; at the end one line that a program can read.
local wrong = 0

function init(args)
    if args[1] and args[1] ~= "" then
        wrk.headers["Cookie"] = args[1]
    end
end

function done(summary, latency, requests)
    local faults = summary.errors
    -- It counts what is above 399; whoever measures has seen that the page does not lead elsewhere.
    wrong = faults.connect + faults.read + faults.write + faults.timeout + faults.status
    io.write(string.format("rate %.2f p50 %.3f p95 %.3f wrong %d\n",
        summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(95) / 1000, wrong))
end
