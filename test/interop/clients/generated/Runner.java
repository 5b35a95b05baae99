import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Calls the client that was generated: one line of JSON says which operation, with what and under which token; one line
 * answers with the status and with what the client made of the body. By reflection, so that a new operation needs no new
 * line here; that the generated classes fit each other was the compiler's to say.
 */
public class Runner {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      System.out.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
      System.out.flush();
    }
  }

  private static ObjectNode answer(JsonNode asked) {
    var answer = JSON.createObjectNode().put("id", asked.get("id").asText());
    try {
      return call(asked, answer);
    } catch (InvocationTargetException error) {
      return failure(asked, answer, error.getCause());
    } catch (ReflectiveOperationException | RuntimeException | java.io.IOException error) {
      return answer.put("cannot", error.toString());
    }
  }

  private static ObjectNode call(JsonNode asked, ObjectNode answer)
      throws ReflectiveOperationException, java.io.IOException {
    var client = clientOf(asked);
    var api = Class.forName(packageOf(asked) + ".api." + asked.get("api").asText());
    var method = operation(api, asked.get("operation").asText());
    var instance = api.getConstructor(client.getClass()).newInstance(client);
    var response = method.invoke(instance, argumentsOf(method, asked));
    answer.put("status", (int) response.getClass().getMethod("getStatusCode").invoke(response));
    return answer.set("body", mapper(client).valueToTree(response.getClass().getMethod("getData").invoke(response)));
  }

  private static Object clientOf(JsonNode asked) throws ReflectiveOperationException {
    var type = Class.forName(packageOf(asked) + ".ApiClient");
    var client = type.getConstructor().newInstance();
    type.getMethod("updateBaseUri", String.class).invoke(client, asked.get("server").asText());
    var authorization = asked.path("authorization").asText();
    Consumer<HttpRequest.Builder> shown = request -> request.header("Authorization", authorization);
    if (!authorization.isEmpty()) type.getMethod("setRequestInterceptor", Consumer.class).invoke(client, shown);
    return client;
  }

  private static String packageOf(JsonNode asked) {
    return "natsuin." + asked.get("edition").asText();
  }

  /** The one that tells the status, without headers of its own. */
  private static Method operation(Class<?> api, String name) throws NoSuchMethodException {
    return Arrays.stream(api.getMethods())
        .filter(method -> method.getName().equals(name + "WithHttpInfo"))
        .filter(method -> !Arrays.asList(method.getParameterTypes()).contains(Map.class))
        .findFirst()
        .orElseThrow(() -> new NoSuchMethodException(name));
  }

  private static Object[] argumentsOf(Method method, JsonNode asked)
      throws ReflectiveOperationException, java.io.IOException {
    var mapper = mapper(clientOf(asked));
    var arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Parameter parameter = method.getParameters()[i];
      boolean isBody = parameter.getType().getName().startsWith(packageOf(asked) + ".model.");
      var given = isBody ? asked.get("request") : asked.path("request").path(parameter.getName());
      arguments[i] = given.isMissingNode() ? null : mapper.treeToValue(given, parameter.getType());
    }
    return arguments;
  }

  private static ObjectMapper mapper(Object client) throws ReflectiveOperationException {
    return (ObjectMapper) client.getClass().getMethod("getObjectMapper").invoke(client);
  }

  /** The document has one form for all that fails: the generated class of it has to take the body. */
  private static ObjectNode failure(JsonNode asked, ObjectNode answer, Throwable error) {
    try {
      int status = (int) error.getClass().getMethod("getCode").invoke(error);
      var body = (String) error.getClass().getMethod("getResponseBody").invoke(error);
      answer.put("status", status);
      // What is no success to the client may be a redirect.
      if (status < 400) return answer;
      var mapper = mapper(clientOf(asked));
      var form = Class.forName(packageOf(asked) + ".model.Error");
      return answer.set("error", mapper.valueToTree(mapper.readValue(body, form)));
    } catch (ReflectiveOperationException | java.io.IOException none) {
      return answer.put("cannot", error.toString());
    }
  }
}
