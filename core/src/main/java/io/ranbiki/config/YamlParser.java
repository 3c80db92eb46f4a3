package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.YamlValue.Broken;
import io.ranbiki.config.YamlValue.Entry;
import io.ranbiki.config.YamlValue.Mapping;
import io.ranbiki.config.YamlValue.Scalar;
import io.ranbiki.config.YamlValue.Sequence;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes values with places of YAML text.
 *
 * <p>A configuration is data: tags, anchors and aliases are mistakes, so that nothing is built by
 * name and nothing grows while it is read. The values are made straight from the parser's events,
 * because the limits have to bite before anything is built.
 */
final class YamlParser {

  /** The most bytes a file may have. */
  static final int MOST_BYTES = 1 << 20;

  private static final int DEEPEST = 50;
  private static final int MOST_VALUES = 5_000;

  private final Iterator<Event> events;
  private final Function<Optional<Mark>, Place> places;
  private final Variables variables;
  private final Mistakes mistakes;
  private int values;

  private YamlParser(
      Iterator<Event> events,
      Function<Optional<Mark>, Place> places,
      Variables variables,
      Mistakes mistakes) {
    this.events = events;
    this.places = places;
    this.variables = variables;
    this.mistakes = mistakes;
  }

  /** The value of a file's text; an empty file is an empty mapping. */
  static YamlValue parseFile(String file, String text, Variables variables, Mistakes mistakes) {
    Place start = new Place(file, 1, 1);
    YamlValue value =
        parse(
            text,
            mark ->
                mark.map(m -> new Place(file, m.getLine() + 1, m.getColumn() + 1)).orElse(start),
            position -> placeAt(file, text, position),
            variables,
            mistakes);
    return value instanceof Scalar scalar && scalar.isNull()
        ? new Mapping(start, new LinkedHashMap<>())
        : value;
  }

  /** The value on the right of an override, at the override's place. */
  static YamlValue parseOverride(
      Place override, String text, Variables variables, Mistakes mistakes) {
    return parse(text, mark -> override, position -> override, variables, mistakes);
  }

  private static YamlValue parse(
      String text,
      Function<Optional<Mark>, Place> places,
      Function<Integer, Place> positions,
      Variables variables,
      Mistakes mistakes) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(2 * MOST_BYTES).build();
    try {
      return new YamlParser(
              new Parse(settings).parseString(text).iterator(), places, variables, mistakes)
          .document();
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      throw fatal(
          mistakes, places.apply(mark), "not valid YAML: " + Words.shorten(e.getProblem()) + ".");
    } catch (ReaderException e) {
      throw fatal(
          mistakes,
          positions.apply(e.getPosition()),
          String.format(
              Locale.ROOT,
              "not valid YAML: the character U+%04X is not allowed.",
              e.getCodePoint()));
    } catch (YamlEngineException | IndexOutOfBoundsException | NumberFormatException e) {
      throw fatal(mistakes, places.apply(Optional.empty()), "not valid YAML: " + e.getMessage());
    }
  }

  private YamlValue document() {
    YamlValue root = new Scalar(places.apply(Optional.empty()), "", true);
    boolean seen = false;
    while (events.hasNext()) {
      Event event = events.next();
      if (event.getEventId() == Event.ID.DocumentStart && seen) {
        throw fatal(
            mistakes,
            place(event),
            "a second document starts here; a configuration is one document.");
      }
      if (event instanceof NodeEvent node) {
        root = value(node, 1);
        seen = true;
      }
    }
    return root;
  }

  private YamlValue value(NodeEvent event, int depth) {
    Place place = place(event);
    if (depth > DEEPEST) {
      throw fatal(mistakes, place, "nested deeper than " + DEEPEST + " levels.");
    }
    if (++values > MOST_VALUES) {
      throw fatal(
          mistakes,
          place,
          "more than " + MOST_VALUES + " values; a configuration has a few dozen.");
    }
    YamlValue value = bare(event, place, depth);
    if (event instanceof AliasEvent || event.getAnchor().isPresent()) {
      String name = Words.shorten(event.getAnchor().map(Anchor::getValue).orElse(""));
      String written = (event instanceof AliasEvent ? "alias '*" : "anchor '&") + name + "'";
      return broken(place, "the " + written + " is not allowed; write the value out.");
    }
    Optional<String> tag = tag(event);
    if (tag.isPresent()) {
      return broken(
          place,
          "the tag '" + Words.shorten(tag.get()) + "' is not allowed; write the plain value.");
    }
    return value;
  }

  private YamlValue bare(NodeEvent event, Place place, int depth) {
    if (event instanceof ScalarEvent scalar) {
      return variables.expand(new Scalar(place, scalar.getValue(), scalar.isPlain()), mistakes);
    }
    return switch (event.getEventId()) {
      case SequenceStart -> sequence(place, depth);
      case MappingStart -> mapping(place, depth);
      default -> new Broken(place);
    };
  }

  private Sequence sequence(Place place, int depth) {
    List<YamlValue> items = new ArrayList<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = events.next()) {
      items.add(value((NodeEvent) next, depth + 1));
    }
    return new Sequence(place, items);
  }

  private Mapping mapping(Place place, int depth) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = events.next()) {
      Place keyPlace = place(next);
      String key = key((NodeEvent) next, keyPlace, depth);
      YamlValue value = value((NodeEvent) events.next(), depth + 1);
      if (key == null) {
        continue;
      }
      Entry first = entries.putIfAbsent(key, new Entry(keyPlace, value));
      if (first != null) {
        mistakes.report(
            keyPlace,
            "The key '"
                + Words.shorten(key)
                + "' is there twice; the first is in line "
                + first.keyPlace().line()
                + ".");
      }
    }
    return new Mapping(place, entries);
  }

  private @Nullable String key(NodeEvent event, Place place, int depth) {
    if (event instanceof ScalarEvent scalar
        && scalar.getAnchor().isEmpty()
        && tag(scalar).isEmpty()) {
      return scalar.getValue();
    }
    if (!(event instanceof ScalarEvent)) {
      value(event, depth + 1);
    }
    mistakes.report(place, "A key must be plain text, without tag, anchor or structure.");
    return null;
  }

  private static Optional<String> tag(NodeEvent event) {
    if (event instanceof ScalarEvent scalar) {
      return scalar.getTag();
    }
    return event instanceof CollectionStartEvent start ? start.getTag() : Optional.empty();
  }

  private Broken broken(Place place, String message) {
    mistakes.report(place, message);
    return new Broken(place);
  }

  private Place place(Event event) {
    return places.apply(event.getStartMark());
  }

  private static Place placeAt(String file, String text, int codePoint) {
    int line = 1;
    int column = 1;
    int end =
        text.offsetByCodePoints(0, Math.min(codePoint, text.codePointCount(0, text.length())));
    for (int i = 0; i < end; i = text.offsetByCodePoints(i, 1)) {
      boolean newLine = text.charAt(i) == '\n';
      line += newLine ? 1 : 0;
      column = newLine ? 1 : column + 1;
    }
    return new Place(file, line, column);
  }

  /** Everything found up to a mistake after which nothing can be read. */
  private static RanbikiException fatal(Mistakes mistakes, Place place, String message) {
    mistakes.report(place, message);
    return mistakes.exception();
  }
}
