package dwconf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Values of the program as JSON. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What an operation gave, as a tree; null becomes JSON's null. */
  static JsonNode node(Object value) {
    return value == null ? MAPPER.nullNode() : MAPPER.valueToTree(value);
  }

  private Json() {
  }
}
