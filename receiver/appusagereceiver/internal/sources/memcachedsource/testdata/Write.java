// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

import java.net.InetSocketAddress;
import java.util.Date;
import java.util.List;
import net.rubyeye.xmemcached.XMemcachedClientBuilder;
import net.spy.memcached.MemcachedClient;

/** Writes with spymemcached and xmemcached. */
public class Write {
  public static void main(String[] args) throws Exception {
    var other = new XMemcachedClientBuilder("127.0.0.1:" + args[0]).build();
    MemcachedClient client = new MemcachedClient(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
    Object[][] values = {
      {"zero", 0}, {"int", 57}, {"negative", -1204}, {"large", 1L << 40}, {"float", 5.25}, {"single", 5.25f},
      {"true", true}, {"false", false}, {"text", "5.3"}, {"digits", "57"}, {"umlaut", "größer"}, {"empty", ""},
      {"list", List.of(57)}, {"long", "5.3 ".repeat(20000)}, {"byte", (byte) 57}, {"date", new Date(1767225600000L)},
    };
    for (Object[] value : values) {
      client.set("spymemcached:" + value[0], 0, value[1]).get();
      other.set("xmemcached:" + value[0], 0, value[1]);
    }
    client.shutdown();
    other.shutdown();
  }
}
